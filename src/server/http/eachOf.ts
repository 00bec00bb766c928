/** A list that is there already, for whoever reads lines as they come. */
export async function* eachOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items
}
