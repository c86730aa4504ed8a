"""Asks a real Odoo where its gateway files mails, in a transaction of which nothing remains.

Two ways: `message_route` itself, which takes a parsed mail and so cannot be called over RPC, and `message_process` of
the raw mail, whose messages say where it went. A server action does both: it makes the records of a world, asks, reads
those records back, and rolls everything back.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from connectors.odoo.port import Odoo
from connectors.odoo.version import FIRST_JSON_2

_CODE = """
job = env.context.get('maildesk_routes')
thread = env['mail.thread'].sudo()
made = {}
ids = {}
known = []

def resolved(value):
    if isinstance(value, dict) and 'ref' in value:
        return ids[value['ref']]
    if isinstance(value, dict) and 'model' in value:
        return env['ir.model']._get_id(value['model'])
    if isinstance(value, dict) and 'xmlid' in value:
        return env.ref(value['xmlid']).id
    return value

def letter(lines):
    found = env['ir.mail_server'].build_email('a@x.example', ['b@x.example'], 'subject', 'body')
    found.clear()
    for source in lines:
        found._headers.append(found.policy.header_source_parse(source))
    if found.get_content_type() == 'multipart/report':
        part = env['ir.mail_server'].build_email('a@x.example', ['b@x.example'], 'subject', 'body')
        part.clear()
        part.set_payload('text')
        found.set_payload([part])
    else:
        found.set_payload('text')
    return found

def answered(case):
    message = letter(case['headers'])
    parsed = thread.message_parse(message)
    out = {'name': case['name'], 'report': bool(parsed['is_bounce']), 'note': bool(parsed.get('is_internal'))}
    out['duplicate'] = bool(env['mail.message'].sudo().search([('message_id', '=', parsed['message_id'])], limit=1))
    out['loop'] = bool(thread._detect_loop_headers(parsed))
    mails = env['mail.mail'].sudo().search_count([])
    out['routes'] = []
    out['lost'] = ''
    out['too_many'] = False
    try:
        routes = thread.message_route(message, parsed, case.get('fallback') or None)
        for route in routes:
            out['routes'].append([route[0], route[1] or 0, route[4].alias_name if route[4] else ''])
        out['bounced'] = env['mail.mail'].sudo().search_count([]) > mails
        out['too_many'] = bool(thread._detect_loop_sender(message, parsed, routes))
    except Exception as error:
        out['lost'] = str(error)[:120]
        out['bounced'] = env['mail.mail'].sudo().search_count([]) > mails
    return out

def processed(case):
    newest = env['mail.message'].sudo().search([], limit=1, order='id desc').id
    out = {'lost': '', 'routes': []}
    try:
        thread.message_process(case.get('fallback') or None, case['raw'])
    except Exception as error:
        out['lost'] = str(error)[:120]
        return out
    for each in env['mail.message'].sudo().search([('id', '>', newest), ('message_type', '=', 'email')], order='id'):
        if each.model and each.model != 'mail.thread':
            out['routes'].append([each.model, each.res_id if (each.model, each.res_id) in known else 0])
    return out

whole = env.cr.savepoint()
for name, model, values in job['make']:
    given = {}
    for field in values:
        given[field] = resolved(values[field])
    made[name] = env[model].sudo().with_context(mail_create_nosubscribe=True, mail_create_nolog=True).create(given)
    ids[name] = made[name].id
    known.append((model, made[name].id))
for name, follower in job['follow']:
    made[name].message_subscribe(partner_ids=[made[follower].id])
for key in job['parameters']:
    env['ir.config_parameter'].sudo().set_param(key, job['parameters'][key])
env.flush_all()
for name in job['deleted']:
    # by hand, since Odoo would take its messages along
    env.cr.execute('DELETE FROM ' + made[name]._table + ' WHERE id = %s', [ids[name]])
env.invalidate_all()
answers = []
for case in job['cases']:
    found = {'name': case['name']}
    if job['routes']:
        point = env.cr.savepoint()
        found = answered(case)
        env.flush_all()
        point.rollback()
        point.close()
        env.invalidate_all()
    point = env.cr.savepoint()
    found['processed'] = processed(case)
    answers.append(found)
    env.flush_all()
    point.rollback()
    point.close()
    env.invalidate_all()
rows = {}
for model in job['read']:
    domain, fields = job['read'][model]
    if model in env:
        found = []
        for row in env[model].sudo().with_context(active_test=False).search_read(domain, fields, load=None):
            kept = {}
            for field in row:
                value = row[field]
                plain = isinstance(value, (int, float, str, list, tuple)) or value is None
                kept[field] = value if plain else str(value)[:19]
            found.append(kept)
        rows[model] = found
env.flush_all()
whole.rollback()
whole.close()
env.invalidate_all()
out = {'answers': answers, 'rows': rows, 'ids': ids, 'at': str(datetime.datetime.now())[:19]}
action = {'type': 'ir.actions.act_window_close', 'out': out}
"""


@asynccontextmanager
async def asking(odoo: Odoo) -> AsyncIterator["Asking"]:
    """While it lasts, the server action exists."""
    (model,) = await odoo.search_read("ir.model", [["model", "=", "res.partner"]], ["id"], limit=1)
    values = {"name": "maildesk routes contract", "model_id": model["id"], "state": "code", "code": _CODE}
    made = await odoo.call("ir.actions.server", "create", [values])
    action = int(made[0] if isinstance(made, list) else made)
    try:
        yield Asking(odoo, action)
    finally:
        await odoo.call("ir.actions.server", "unlink", [[action]])


class Asking:
    """A way to `message_route`."""

    def __init__(self, odoo: Odoo, action: int) -> None:
        self._odoo = odoo
        self._action = action

    async def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """What a world's cases gave, and its records.

        Nothing that a server action may name makes a parsed mail in Odoo 19: there `message_process` alone tells.
        """
        newer = (await self._odoo.version()).major >= FIRST_JSON_2
        context: dict[str, Any] = {"context": {"maildesk_routes": {**job, "routes": not newer}}}
        ids = ([], {"ids": [self._action]}) if newer else ([[self._action]], {})
        answer = await self._odoo.call("ir.actions.server", "run", ids[0], ids[1] | context)
        found: dict[str, Any] = answer["out"]
        return found
