/** Form for a credential, if the gateway needs one. */
import { useGraphiQLActions } from '@graphiql/react';
import { useState, type SubmitEvent } from 'react';
import { checkCredential } from './check-credential.ts';
import { credentialState, writeCredential, type CredentialState } from './credential.ts';
import { exampleIds } from './example-ids.ts';
import { useValue } from './store.ts';

const messages: Readonly<Record<CredentialState, string>> = {
  none: '',
  missing: 'This gateway needs an API key or token.',
  checking: 'Checking …',
  accepted: 'API key or token accepted.',
  wrong: 'This API key or token is wrong.',
  unchecked: 'The gateway could not check it. Try again.',
};

export function CredentialForm() {
  const state = useValue(credentialState);
  const [text, setText] = useState('');
  const actions = useGraphiQLActions();
  if (state === 'none') return null;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    writeCredential(text.trim());
    if (!(await checkCredential())) return;
    setText('');
    await Promise.all([actions.introspect(), exampleIds.load()]);
  };
  const forget = () => {
    writeCredential(null);
    void checkCredential();
  };
  return (
    <form className={`credential ${state}`} onSubmit={(event) => void submit(event)}>
      <p role="status">{messages[state]}</p>
      {state === 'accepted' ? (
        <button type="button" onClick={forget}>
          Forget it
        </button>
      ) : (
        <>
          <input
            type="password"
            autoComplete="off"
            aria-label="API key or token"
            placeholder="API key or token"
            value={text}
            onChange={(event) => {
              setText(event.target.value);
            }}
          />
          <button type="submit">Use it</button>
        </>
      )}
    </form>
  );
}
