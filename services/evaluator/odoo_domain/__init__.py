"""Odoo domains, evaluated on frozen snapshots with the semantics of Odoo 17's `filtered_domain`."""
