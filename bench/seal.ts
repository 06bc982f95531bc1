export async function sealBench(): Promise<void> {}
