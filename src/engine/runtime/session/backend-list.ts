// Which devices ONNX Runtime has code for on this platform. The runtime is loaded only when this is called: a server's main
// thread needs none of it.
export async function listBackendNames(): Promise<readonly string[]> {
  const { listBackends } = await import('./onnx-runtime.ts');
  return listBackends().map(({ name }) => name);
}
