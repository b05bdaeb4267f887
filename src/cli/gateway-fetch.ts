/** Requests to the gateway. A redirect is not followed: `fetch` would send the caller's key to its target. */

/** Answer that the command can't use; the message is for its user. */
export class AnswerError extends Error {}

/** `fetch` that rejects with AnswerError if the answer is a redirect. */
export async function fetchGateway(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: 'manual' });
  if (response.status < 300 || response.status >= 400) return response;
  await response.body?.cancel();
  throw new AnswerError(
    'The gateway answers with a redirect, which is not followed; give its final URL by --url.',
  );
}
