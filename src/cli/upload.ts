import { Progress } from './progress.ts'

/** Passes bytes on and shows on a terminal how many went by. */
export async function* counted(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  using progress = new Progress('uploading')
  let sent = 0
  for await (const chunk of bytes) {
    sent += chunk.length
    progress.label(`uploading ${(sent / 1_000_000).toFixed(1)} MB`)
    yield chunk
  }
}
