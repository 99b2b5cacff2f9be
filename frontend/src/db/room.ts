// Room on the device: what is written when there is none.

/** The browser refuses to keep more. */
export const isFull = (error: unknown): boolean => error instanceof Error && error.name === "QuotaExceededError";

/** What `write` gives; `otherwise` when it fails because the device is full. */
export async function ifRoom<T>(write: Promise<T>, otherwise: () => T): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (!isFull(error)) throw error;
    return otherwise();
  }
}
