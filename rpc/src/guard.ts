// What a request must look like before anybody reads it: a known Host (against DNS rebinding), a
// known Origin if any, JSON as content (reliability D27).

export interface GuardOptions {
  /** Host names by which this server may be called, without port. */
  readonly hosts: readonly string[];
  /** Web origins besides its own that may call it, as "https://desk.example:8443". */
  readonly origins: readonly string[];
}

export const LOCAL_HOSTS = ['127.0.0.1', 'localhost', '[::1]'] as const;

interface Head {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
}

const nameOf = (host: string): string => host.replace(/:[0-9]{1,5}$/, '').toLowerCase();

/** Why the request is refused, or undefined. */
export function refuseOrigin(head: Head, options: GuardOptions): string | undefined {
  const { host, origin } = head;
  if (host === undefined || !options.hosts.includes(nameOf(host))) return 'unknown Host';
  if (origin === undefined || isOwn(origin, host)) return undefined;
  return options.origins.includes(origin) ? undefined : 'unknown Origin';
}

const isOwn = (origin: string, host: string): boolean =>
  origin === `http://${host}` || origin === `https://${host}`;

export const isForeign = (head: Head, options: GuardOptions): boolean =>
  head.origin !== undefined && options.origins.includes(head.origin);

export const isJson = (contentType: string | undefined): boolean =>
  /^application\/json *(; *charset=utf-8 *)?$/i.test(contentType ?? '');
