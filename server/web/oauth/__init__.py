"""OAuth 2 as Authlib speaks it, on our services; Authlib's own objects stay inside this folder."""
