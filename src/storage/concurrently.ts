/**
 * Runs `tasks` at the same time and resolves with their results in order. The first failure aborts the others; it
 * is thrown once all of them have ended, so that nothing still works on a drive afterwards.
 */
export async function concurrently<T>(
  tasks: readonly ((signal: AbortSignal) => Promise<T>)[],
  signal: AbortSignal,
): Promise<readonly T[]> {
  const controller = new AbortController();
  const shared = AbortSignal.any([signal, controller.signal]);
  const failures: unknown[] = [];
  const settled = await Promise.allSettled(
    tasks.map(async (task) => {
      try {
        return await task(shared);
      } catch (error) {
        failures.push(error);
        controller.abort(error);
        throw error;
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
  return settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}
