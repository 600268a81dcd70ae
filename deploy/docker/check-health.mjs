// The HEALTHCHECK of the container: requests /readyz with fetch, because slim images have no curl.
const { VERACITY_PORT = '8000' } = process.env;
try {
  const { status } = await fetch(`http://127.0.0.1:${VERACITY_PORT}/readyz`, {
    signal: AbortSignal.timeout(4000),
  });
  console.log(`readyz: ${status}`);
  process.exit(status === 200 ? 0 : 1);
} catch (error) {
  console.log(`readyz: ${error.cause?.code ?? error.name}`);
  process.exit(1);
}
