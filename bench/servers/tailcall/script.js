/** Tailcall calls it with the text of a page of customers: the URLs of a tenant's lists need the customer's id. */
// eslint-disable-next-line @typescript-eslint/no-unused-vars -- Tailcall calls it by name.
function copyCustomerIds(text) {
  const page = JSON.parse(text);
  for (const { id, tenants } of page.data) {
    for (const tenant of tenants ?? []) tenant.customerId = id;
  }
  return JSON.stringify(page);
}
