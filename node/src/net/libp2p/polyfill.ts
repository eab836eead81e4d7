// libp2p 3 uses Promise.withResolvers, which came with Node 22. Imported before libp2p everywhere.
interface Resolvers {
  promise: Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

const host = Promise as unknown as { withResolvers?: () => Resolvers };
host.withResolvers ??= function withResolvers(): Resolvers {
  const out = {} as Resolvers;
  out.promise = new Promise((resolve, reject) => Object.assign(out, { resolve, reject }));
  return out;
};
