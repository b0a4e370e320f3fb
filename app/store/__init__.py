"""The store: plans (方案) with their versions, and an audit row next to every write.

A *plan* is a line of work with a name; its *versions* are numbered, never overwritten, and hold the
PLAN.json document. Every write and its audit row are one transaction.

Examples
--------
::

    store = open_store("sqlite:///town-plans.sqlite")  # or postgresql://…
    first = store.create_plan("昆区", document, author="王敏", note="第一稿")
    second = store.save(first.plan_id, first.number, changed, author="李强", note="移动两个单元")
    store.save(first.plan_id, first.number, other, author="赵")  # ConflictError; its `newer` is `second`
"""
