"""Small archives of each format, written by hand: every trap once."""

import gzip
import sqlite3

ARMENIAN = "Ես համաձայն չեմ։"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:wp="http://wordpress.org/export/1.2/">\n<channel><title>Paper</title><link>https://paper.example</link>\n'
)
TAIL = "</channel></rss>\n"


def a_wxr_comment(number, **changes):
    fields = {
        "author": "Ann",
        "author_email": f"r{number}@mail.example",
        "author_IP": "192.0.2.7",
        "date": "2020-03-01 14:00:00",
        "date_gmt": f"2020-03-01 10:00:{number % 60:02}",
        "content": f"Words {number}",
        "approved": "1",
        "type": "comment",
        "parent": "0",
        "user_id": "0",
    } | changes
    told = "".join(f"<wp:comment_{name}>{value}</wp:comment_{name}>" for name, value in fields.items())
    return f"<wp:comment><wp:comment_id>{number}</wp:comment_id>{told}</wp:comment>\n"


def a_post(
    *comments, number=7, link="https://paper.example/?p=7", title="Վերնագիր &amp; more", status="open"
):
    return (
        f"<item><title>{title}</title><link>{link}</link><content:encoded><![CDATA[<p>x</p>]]></content:encoded>"
        f"<wp:post_id>{number}</wp:post_id><wp:post_date_gmt>2020-02-01 08:00:00</wp:post_date_gmt>"
        f"<wp:comment_status>{status}</wp:comment_status>{''.join(comments)}</item>\n"
    )


def a_wxr(path, *posts, head=HEAD, tail=TAIL):
    path.write_text(head + "".join(posts) + tail, "utf-8")
    return path


WXR_ENTRIES = (
    a_wxr_comment(3, parent="2", content="<![CDATA[An answer before what it answers 🙂]]>"),
    a_wxr_comment(2, parent="1", content=f"<![CDATA[{ARMENIAN} a ]]]]><![CDATA[> b]]>"),
    a_wxr_comment(
        1, content='<![CDATA[See <a href="https://x.example/">this</a> &amp; <b>that</b>.\nNew line]]>'
    ),
    a_wxr_comment(4, approved="0"),
    a_wxr_comment(5, approved="spam", content="Cheap pills"),
    a_wxr_comment(6, approved="trash"),
    a_wxr_comment(8, type="pingback"),
    a_wxr_comment(9, parent="404"),
    a_wxr_comment(10, date_gmt="0000-00-00 00:00:00", date="0000-00-00 00:00:00"),
    a_wxr_comment(1, content="Another with the id of the first"),
    a_wxr_comment(11, approved="maybe"),
    a_wxr_comment(12, content=" "),
    a_wxr_comment(13, parent="13"),
)


def every_trap_of_wxr(path):
    return a_wxr(path, a_post(*WXR_ENTRIES))


def a_disqus_post(number, thread=1, parent=None, **changes):
    flags = {"isDeleted": "false", "isSpam": "false"} | changes
    message = flags.pop("message", f"&lt;p&gt;Words {number}&lt;/p&gt;&lt;p&gt;More&lt;/p&gt;")
    email = flags.pop("email", "ann@mail.example")
    told = "".join(f"<{name}>{value}</{name}>" for name, value in flags.items())
    answers = f'<parent dsq:id="{parent}" />' if parent else ""
    return (
        f'<post dsq:id="{number}"><id /><message>{message}</message><createdAt>2019-05-0{1 + number % 9}T10:00:00Z</createdAt>'
        f"{told}<ipAddress>192.0.2.7</ipAddress><author><email>{email}</email><name>Ann</name>"
        f'<isAnonymous>false</isAnonymous><username>ann</username></author><thread dsq:id="{thread}" />{answers}</post>\n'
    )


def a_disqus(path, *posts, packed=False):
    threads = "".join(
        f'<thread dsq:id="{n}"><id>post-{n}</id><link>https://paper.example/{n}/</link><title>Post {n}</title>'
        f"<createdAt>2019-05-01T09:00:00Z</createdAt><isClosed>{closed}</isClosed><isDeleted>{gone}</isDeleted></thread>"
        for n, closed, gone in ((1, "false", "false"), (2, "true", "false"), (3, "false", "true"))
    )
    text = (
        '<?xml version="1.0"?>\n<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">\n'
        f'<category dsq:id="9"><title>General</title></category>\n{threads}{"".join(posts)}</disqus>\n'
    ).encode()
    path.write_bytes(gzip.compress(text) if packed else text)
    return path


DISQUS_POSTS = (
    a_disqus_post(1),
    a_disqus_post(2, parent=1),
    a_disqus_post(3, isSpam="true"),
    a_disqus_post(4, isDeleted="true"),
    a_disqus_post(5, thread=2),
    a_disqus_post(6, thread=3),
    a_disqus_post(7, thread=77),
    a_disqus_post(8, email="", parent=2),
)


def an_isso(path, rows, user_version=5):
    with sqlite3.connect(path) as database:
        database.executescript(
            "CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));"
            "CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT,"
            " modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR, author VARCHAR, email VARCHAR,"
            " website VARCHAR, likes INTEGER, dislikes INTEGER, voters BLOB, notification INTEGER);"
            "INSERT INTO threads VALUES (1, '/blog/one/', 'One');"
        )
        database.execute(f"PRAGMA user_version = {user_version}")
        for row in rows:
            database.execute(
                "INSERT INTO comments VALUES (?, ?, ?, ?, NULL, ?, '192.0.2.0', ?, ?, ?, NULL, 0, 0, x'', 0)",
                row,
            )
    database.close()
    return path


ISSO_ROWS = (
    (1, 1, None, 1_500_000_000.5, 1, f"*{ARMENIAN}* 🙂", "Ann", "ann@mail.example"),
    (1, 2, 1, 1_500_000_060.0, 2, "waits", None, None),
    (1, 3, 1, 1_500_000_120.0, 4, "", None, None),
    (1, 4, None, None, 1, "no date", "Bob", "not an address"),
    (9, 5, None, 1_500_000_000.0, 1, "no thread", "Bob", None),
    (1, 6, None, 1_500_000_000.0, 3, "strange mode", "Bob", None),
)
