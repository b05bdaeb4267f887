import { credentialState, noteRefusal, readCredential, writeCredential } from './credential.ts';
import { ask } from './gateway.ts';

/** Whether the gateway answers with the credential at hand, or without any. One that is wrong is not kept. */
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
