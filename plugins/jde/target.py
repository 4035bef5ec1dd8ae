class JdeTarget:
    pass
