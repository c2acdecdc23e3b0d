"""Archives of comments as other systems write and read them: a file in, records out, and the other way round.

    types.py        what an archive says: pages, persons, records, what was left out, where a file broke
    files.py        which format a file has, and the file opened so that nothing is held whole
    xml_stream.py   XML element by element; document type definitions and entities are refused
    wxr.py          WordPress's export          disqus.py       Disqus's export
    isso.py         Isso's SQLite database      json_lines.py   our own format, which loses nothing

Each format has `read`, which yields records in the order of the file, and `write`, which takes them.
"""
