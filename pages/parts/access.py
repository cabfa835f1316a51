"""Who is looking: the login gate of every page, and the name that commands are signed with."""

from __future__ import annotations

import streamlit as st

LOCAL = "operator"


def login_configured() -> bool:
    """True where `secrets.toml` names an identity provider under [auth]."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def require_login() -> None:
    """Let local use pass; where a provider is configured, stop the page until somebody is logged in.

    `[access] emails = [...]` in the secrets narrows it to those people, with addresses that their provider verified.
    """
    if not login_configured():
        return
    if not st.user.is_logged_in:
        st.title("AAITI")
        st.button("Log in", key="login", type="primary", on_click=st.login)
        st.stop()
    allowed = st.secrets.get("access", {}).get("emails", ())
    if allowed and not (st.user.get("email_verified") and st.user.get("email") in allowed):
        st.error(f"{st.user.get('email', 'This account')} may not use this console. Log in with another account.")
        st.button("Log out", key="logout", on_click=st.logout)
        st.stop()


def asked_by() -> str:
    """The name that goes into each command's row."""
    email = st.user.get("email") if login_configured() else None
    return str(email) if email else LOCAL
