"""Answers that are no answer of the ERP: error pages of gateways and proxies."""

from __future__ import annotations

from typing import Final

from importer.simulator.exchange import Reply

_GB2312: Final = "text/html; charset=gb2312"


def _html(title: str, text: str) -> str:
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>"


def wrong_token() -> Reply:
    """A wrong token is answered by HTTP 500 and an HTML page in gb2312 (protocol §2.3)."""
    return Reply(status=500, content_type=_GB2312, body=_html("应用程序错误", "令牌无效或已过期").encode("gb2312"))


def gateway_error(status: int) -> Reply:
    text = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}[status]
    return Reply(status=status, content_type="text/html; charset=utf-8", body=_html(f"{status} {text}", "nginx").encode())


def login_page() -> Reply:
    return Reply(content_type="text/html; charset=utf-8", body=_html("Login", "please sign in").encode())


def too_many(retry_after_s: int) -> Reply:
    return Reply(
        status=429,
        content_type="text/plain; charset=utf-8",
        headers=((b"retry-after", str(retry_after_s).encode()),),
        body=b"Too Many Requests",
    )
