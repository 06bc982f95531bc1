/** The operations of services that speak REST. The groups of a path, and what is in the body, are fields of the input. */
const ROUTES = [
  {
    service: 'lambda',
    method: 'GET',
    path: /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/configuration$/,
    operation: 'GetFunctionConfiguration',
  },
  { service: 'account', method: 'POST', path: /^\/listRegions$/, operation: 'ListRegions' },
];

/** The operation that a method and a path name, with its input. Undefined: the service has none. */
export function readRest(service: string, method: string | undefined, url: string, body: object) {
  const { pathname, searchParams } = new URL(url, 'http://sandbox');
  for (const { operation, ...route } of ROUTES) {
    const match = route.service === service && route.method === method ? route.path.exec(pathname) : null;
    if (!match) continue;
    const labels = Object.entries(match.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)]);
    return { operation, input: { ...body, ...Object.fromEntries([...searchParams, ...labels]) } };
  }
  return undefined;
}
