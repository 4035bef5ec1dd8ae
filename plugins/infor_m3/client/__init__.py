"""The wire to M3: sign-in, answers of both versions, lists in pages by key, and selections by EXPORTMI."""
