"""The words of the shop that events are made of: ids, money, addresses, texts. Projections may use them too.

Values (`Money`, `Address`) are what events hold and check nothing, so that history always loads; inputs (`MoneyInput`,
`AddressInput`) are what clients send and check everything.
"""
