// Its library exists for the precompiled header.
