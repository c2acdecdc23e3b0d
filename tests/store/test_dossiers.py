from tests.builders import a_block, a_decision, a_discussion, a_moderator, a_stored_comment, a_strike, stored


def test_a_comment_is_shown_with_its_whole_history(database, now):
    mo = a_moderator(name="Mo")
    with database.begin() as store:
        discussion = a_discussion(store)
        stored(store, mo)
        comment = a_stored_comment(store, discussion)
        strike = a_strike(comment)
        block = a_block(discussion.author, strike_ids=[strike.id])
        stored(store, strike, block)
        decision = a_decision(made_by=mo.id, action="approve", verdict="publish")
        store.comments.set_state(
            comment.id, version=1, state="published", decision=decision, published_at=now
        )
        a_stored_comment(store, discussion, parent_id=comment.id)
        store.audit.append(now, mo.id, "approve", f"comment:{comment.id}")
    with database.read() as store:
        dossier = store.dossiers.comment(comment.id, now)
    assert [row.action for row in dossier.decisions] == [None, "approve"]
    assert dossier.item.decision.id == decision.id
    assert [row.id for row in dossier.strikes] == [strike.id]
    assert [row.id for row in dossier.blocks] == [block.id]
    assert dossier.replies == 1
    assert [event.action for event in dossier.events] == ["approve"]
    assert dossier.names == {mo.id: "Mo"}


def test_an_author_is_shown_with_comments_strikes_and_blocks(database, now):
    mo = a_moderator(name="Mo")
    with database.begin() as store:
        discussion = a_discussion(store)
        stored(store, mo)
        comments = [a_stored_comment(store, discussion, state="rejected") for _ in range(3)]
        over = a_block(discussion.author, lifted_at=now, lifted_by=mo.id)
        stored(store, a_strike(comments[0], overruled_at=now), a_strike(comments[1]), over)
        store.audit.append(now, mo.id, "lift", f"block:{over.id}")
    with database.read() as store:
        dossier = store.dossiers.author(discussion.author.id, now, limit=2)
    assert dossier.author.name == "Ann"
    assert [row.id for row in dossier.comments.items] == [comments[2].id, comments[1].id]
    assert dossier.comments.next
    assert (len(dossier.strikes), dossier.standing.points) == (2, 2)
    assert [row.id for row in dossier.blocks] == [over.id]
    assert [event.action for event in dossier.events] == ["lift"]
    assert dossier.names == {mo.id: "Mo"}


def test_there_is_no_dossier_of_what_is_unknown(database, now):
    with database.read() as store:
        assert store.dossiers.comment("nowhere", now) is None
        assert store.dossiers.author("nobody", now) is None
