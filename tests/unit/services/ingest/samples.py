"""Sample mails, as bytes with LF line ends."""

PLAIN = (
    b"Received: from mx.example.org by in.firma.example; Mon, 2 Nov 2026 10:00:01 +0100\n"
    b"Message-ID: <one@example.org>\nFrom: =?utf-8?q?J=C3=B6rg?= <joerg@Example.org>\nTo: info@firma.example\n"
    b"Subject: Offer\nDate: Mon, 2 Nov 2026 10:00:00 +0100\nContent-Type: text/plain; charset=utf-8\n\n"
    b"Hello,\n\nplease call me.\n"
)
REPLY = (
    b"Message-ID: <two@firma.example>\nFrom: info@firma.example\nTo: joerg@example.org\nSubject: Re: Offer\n"
    b"Date: Mon, 2 Nov 2026 11:00:00 +0100\nIn-Reply-To: <one@example.org>\nReferences: <zero@x> <one@example.org>\n\n"
    b"We will.\n"
)
MIXED = (
    b'Message-ID: <three@example.org>\nFrom: "Doe, Jane" <jane@example.org>\nTo: a@x.example, B <b@x.example>\n'
    b"Cc: Team: c@x.example, d@x.example;\nSubject: =?iso-8859-1?q?Gr=FC=DFe?= =?iso-8859-1?q?_an_alle?=\n"
    b"Date: Mon, 2 Nov 2026 10:00:00 +0100\nMIME-Version: 1.0\n"
    b'Content-Type: multipart/mixed; boundary="=_a"\n\npreamble\n--=_a\n'
    b"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=iso-8859-1\n"
    b"Content-Transfer-Encoding: quoted-printable\n\nSch=F6ne Gr=FC=DFe\n--b\nContent-Type: text/html\n\n"
    b"<p>Sch&ouml;ne Gr&uuml;&szlig;e</p>\n--b--\n--=_a\nContent-Type: application/pdf; name=old.pdf\n"
    b"Content-Disposition: attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.pdf\nContent-Transfer-Encoding: base64\n\n"
    b"SGVsbG8gd29ybGQ=\n--=_a--\n"
)
HTML = (
    b"Message-ID: <four@example.org>\nFrom: jane@example.org\nDate: Mon, 2 Nov 2026 10:00:00 +0100\n"
    b"Content-Type: text/html; charset=utf-8\n\n<html><head><style>p { color: red }</style></head>"
    b"<body><!-- hidden --><p>Hello&nbsp;<b>you</b></p><script>alert(1)</script><p>2 &lt; 3</p></body></html>\n"
)
BOUNCE = (
    b"Return-Path: <>\nMessage-ID: <five@mx.example.org>\nFrom: MAILER-DAEMON@mx.example.org\n"
    b"Date: Mon, 2 Nov 2026 10:00:00 +0100\nAuto-Submitted: auto-replied\n"
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\n\nnot delivered\n"
    b"--r\nContent-Type: message/delivery-status\n\nAction: failed\n--r--\n"
)
ALL = (PLAIN, REPLY, MIXED, HTML, BOUNCE)
