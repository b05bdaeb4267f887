/** Work on what an operation has read goes on after its deadline, but not for a caller who is gone. */
import { expect, test } from '@jest/globals';
import { Operation, type Upstream } from '../../src/planner/operation.ts';
import { createScope, deadlineReached, type OperationScope } from '../../src/scope.ts';

test.each([
  ['before the end', [], null],
  ['after the deadline', [deadlineReached], null],
  ['without the caller', [undefined], 'REQUEST_CANCELLED'],
])('%s', async (_name, ends, code) => {
  const { scope, end } = createScope();
  // Neither the upstream nor the rest of the scope is read.
  const operation = new Operation({} as Upstream, scope as OperationScope);
  for (const reason of ends) end(reason);
  const pace = operation.paceAfterDeadline();
  const yielded = await pace.yield().then(
    () => null,
    (error: unknown) => error,
  );
  expect(yielded).toEqual(code === null ? null : expect.objectContaining({ code }));
});
