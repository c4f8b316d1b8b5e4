"""The command `ml-connector`: what a deployer and an operator type.

    commands/    one module per group of commands: arguments in, tables or JSON out
    operations/  what the commands do, as functions over `Services`; no terminal in there
    systems/     what a person must know of one vendor: credentials, consent
    doctor/      the checks of a connection
"""
