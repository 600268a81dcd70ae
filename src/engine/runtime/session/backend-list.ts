// Lists the devices for which ONNX Runtime has code on this platform. The runtime is loaded only when this is called,
// because a server's main thread does not need it.
export async function listBackendNames(): Promise<readonly string[]> {
  const { listBackends } = await import('./onnx-runtime.ts');
  return listBackends().map(({ name }) => name);
}
