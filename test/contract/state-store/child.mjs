/** Another process on the same state store: does what its parent sends and answers. */
const description = JSON.parse(process.argv[2] ?? '{}');
const adapter = await import(description.module);
const store = await adapter[description.opener](description.options);

const actions = {
  addIfAbsent: ({ keys, ttlMs }) => store.dedupe.addIfAbsent(keys, ttlMs),
  acquire: async ({ name, holder, ttlMs }) => {
    const lease = await store.leases.acquire(name, holder, ttlMs);
    return lease === undefined ? null : String(lease.fencingToken);
  },
  publish: async ({ channel, texts }) => {
    for (const text of texts) await store.fanOut.publish(channel, new TextEncoder().encode(text));
  },
  set: ({ namespace, key, text }) =>
    store.values.set(namespace, key, new TextEncoder().encode(text)),
  subscribe: async ({ channel }) => {
    await store.fanOut.subscribe(channel, (payload) =>
      process.send?.({ heard: new TextDecoder().decode(payload) }),
    );
  },
};

process.on('message', async ({ id, action, ...rest }) => {
  const result = await actions[action](rest);
  process.send?.({ id, result: result ?? null });
});
process.send?.({ id: 0, result: 'ready' });
