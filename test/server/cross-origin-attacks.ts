/**
 * What a page of another site can send without asking first. Each attack is the text of a function body that runs in the
 * page with the gateway's `url`, a `query` to execute and the `mark` by which its request is recognised.
 */
export interface Attack {
  readonly name: string;
  readonly run: string;
  /** False if the browser itself asks first, so that the request must not arrive. */
  readonly arrives: boolean;
}

const body = 'const body = JSON.stringify({ query });';
const target = 'const target = `${url}?query=${encodeURIComponent(query)}`;';

const arriving = (name: string, run: string): Attack => ({ name, run, arrives: true });

function fetchPost(type: string): Attack {
  return arriving(
    `fetch of ${type}`,
    `${body} return fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', headers: { 'content-type': ${JSON.stringify(type)} }, body });`,
  );
}

function fetchGet(accept: string, mode: string): Attack {
  return arriving(
    `${mode} fetch by GET for ${accept}`,
    `${target} return fetch(target, { mode: '${mode}', headers: { accept: '${accept}' } }).catch(() => null);`,
  );
}

function element(tag: string, attribute: string, extra = ''): Attack {
  return arriving(
    `<${tag} ${attribute}>${extra}`,
    `${target} const element = document.createElement('${tag}'); ${extra} element.${attribute} = target; document.body.append(element);`,
  );
}

function form(name: string, method: string, enctype: string, fields: string, action = 'url'): Attack {
  return arriving(
    name,
    `const form = document.createElement('form');
    form.method = '${method}'; form.enctype = '${enctype}'; form.action = ${action};
    for (const [name, value] of Object.entries(${fields})) {
      const input = document.createElement('input');
      input.name = name; input.value = value; form.append(input);
    }
    const frame = document.createElement('iframe');
    frame.name = form.target = mark;
    document.body.append(frame, form);
    form.submit();`,
  );
}

export const attacks: readonly Attack[] = [
  ...[
    'text/plain',
    'text/plain;charset=UTF-8',
    'text/plain; x=application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'multipart/form-data; boundary=application/json',
  ].map(fetchPost),
  arriving(
    'fetch that names JSON in vain',
    `${body} return fetch(url, { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'application/json' }, body });`,
  ),
  arriving(
    'fetch for events',
    `${body} return fetch(url, { method: 'POST', mode: 'no-cors', headers: { accept: 'text/event-stream' }, body });`,
  ),
  arriving(
    'fetch of a Blob without a type',
    `${body} return fetch(url, { method: 'POST', mode: 'no-cors', body: new Blob([body]) });`,
  ),
  arriving(
    'fetch of bytes',
    `${body} return fetch(url, { method: 'POST', mode: 'no-cors', body: new TextEncoder().encode(body) });`,
  ),
  arriving(
    'fetch of form data',
    `const data = new FormData(); data.set('query', query); data.set('operations', JSON.stringify({ query })); return fetch(url, { method: 'POST', mode: 'no-cors', body: data });`,
  ),
  arriving(
    'fetch of parameters',
    `return fetch(url, { method: 'POST', mode: 'no-cors', body: new URLSearchParams({ query }) });`,
  ),
  arriving(
    'fetch with the query in the URL',
    `${target} return fetch(target, { method: 'POST', mode: 'no-cors', body: '{}' });`,
  ),
  arriving(
    'cors fetch of text/plain',
    `${body} return fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body }).catch(() => null);`,
  ),
  arriving(
    'XMLHttpRequest of text/plain',
    `${body} const request = new XMLHttpRequest(); request.open('POST', url); request.send(body);`,
  ),
  arriving(
    'XMLHttpRequest by GET',
    `${target} const request = new XMLHttpRequest(); request.open('GET', target); request.send();`,
  ),
  {
    name: 'cors fetch of JSON',
    run: `${body} return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch(() => null);`,
    arrives: false,
  },
  {
    name: 'cors fetch with the header against forgery',
    run: `${target} return fetch(target, { headers: { 'apollo-require-preflight': 'yes' } }).catch(() => null);`,
    arrives: false,
  },
  {
    name: 'beacon of JSON',
    run: `${body} navigator.sendBeacon(url, new Blob([body], { type: 'application/json' }));`,
    arrives: false,
  },
  arriving('beacon of text', `${body} navigator.sendBeacon(url, body);`),
  arriving('beacon of a Blob without a type', `${body} navigator.sendBeacon(url, new Blob([body]));`),
  arriving('beacon of bytes', `${body} navigator.sendBeacon(url, new TextEncoder().encode(body));`),
  arriving('beacon of parameters', `navigator.sendBeacon(url, new URLSearchParams({ query }));`),
  arriving(
    'beacon of form data',
    `const data = new FormData(); data.set('query', query); navigator.sendBeacon(url, data);`,
  ),
  ...['application/json', 'text/event-stream', 'application/graphql-response+json', '*/*'].flatMap(
    (accept) => [fetchGet(accept, 'no-cors'), fetchGet(accept, 'cors')],
  ),
  element('img', 'src'),
  element('script', 'src'),
  element('script', 'src', "element.type = 'module';"),
  element('link', 'href', "element.rel = 'stylesheet';"),
  element('link', 'href', "element.rel = 'prefetch';"),
  element('video', 'src'),
  element('audio', 'src'),
  element('object', 'data'),
  element('embed', 'src'),
  element('iframe', 'src'),
  arriving('import()', `${target} return import(target).catch(() => null);`),
  arriving(
    'a style’s image',
    `${target} const box = document.createElement('div'); box.textContent = 'x'; box.style.backgroundImage = \`url("\${target}")\`; document.body.append(box);`,
  ),
  arriving(
    'EventSource',
    `${target} const source = new EventSource(target); source.onerror = () => source.close();`,
  ),
  arriving(
    'EventSource with credentials',
    `${target} const source = new EventSource(target, { withCredentials: true }); source.onerror = () => source.close();`,
  ),
  arriving('WebSocket', `${target} new WebSocket(target.replace('http:', 'ws:'));`),
  arriving('window.open', `${target} window.open(target);`),
  arriving(
    'a ping of a link',
    `${target} const link = document.createElement('a'); link.href = '#'; link.ping = target; document.body.append(link); link.click();`,
  ),
  form('form by GET', 'get', 'application/x-www-form-urlencoded', '{ query }'),
  form('form', 'post', 'application/x-www-form-urlencoded', '{ query }'),
  form('form of parts', 'post', 'multipart/form-data', '{ query, operations: JSON.stringify({ query }) }'),
  form(
    'form of text that is JSON',
    'post',
    'text/plain',
    `{ [JSON.stringify({ query }).slice(0, -1) + ',"x":"']: '"}' }`,
  ),
  form(
    'form with the query in the URL',
    'post',
    'application/x-www-form-urlencoded',
    '{ a: 1 }',
    '`${url}?query=${encodeURIComponent(query)}`',
  ),
];
