"""A second, small shop in plain dictionaries, written from the rules of the shop and the public contract alone.

It shares no code with the project: what both say of the same commands must be equal. Nothing in it is fast or stored.

    state       what there is, and the reasons to refuse
    inputs      what a client may send at all
    customers, catalogue, orders
                what each command does
    shop        one command: its id, its expected version, its outcome
    documents   the nine read models, computed anew from the state
    commands    strategies: commands that meet one another, valid and not
"""
