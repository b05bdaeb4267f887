/** Tailcall calls these by name, with the text of a page. */
/* eslint-disable @typescript-eslint/no-unused-vars */

/** The URLs of a tenant's lists need the customer's id. */
function copyCustomerIds(text) {
  const page = JSON.parse(text);
  for (const { id, tenants } of page.data) {
    for (const tenant of tenants ?? []) tenant.customerId = id;
  }
  return JSON.stringify(page);
}

/** A look-up's only row: the arguments of a next step can't point into a list. */
function firstRow(text) {
  return JSON.stringify(JSON.parse(text).data[0] ?? null);
}
