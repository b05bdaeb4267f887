import { credentialState, noteRefusal, readCredential, writeCredential } from './credential.ts';
import { ask } from './gateway.ts';

/** Whether the gateway accepts the stored credential, or none. Removes a wrong one. */
export async function checkCredential(): Promise<boolean> {
  const isGiven = readCredential() !== null;
  if (isGiven) credentialState.set('checking');
  const status = await ask('{ __typename }').then(
    (answer) => answer.status,
    () => null,
  );
  if (status === 401) {
    credentialState.set('none');
    noteRefusal();
    writeCredential(null);
    return false;
  }
  if (isGiven) credentialState.set(status === 200 ? 'accepted' : 'unchecked');
  return status === 200;
}
