import type { IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { type Api, EngineError } from './api.ts'
import { authHeader, type RegistryAuth } from './registry.ts'

/** An image with many layers on a slow disk, before the first byte of it comes. */
const patienceMs = 10 * 60 * 1000

/** Images that leave this machine. */
export const packages = (api: Api) => ({
  /** A tar file as `docker save` writes it. */
  save: (name: string, signal?: AbortSignal): Promise<IncomingMessage> =>
    api.stream({
      path: `/images/${encodeURIComponent(name)}/get`,
      withinMs: patienceMs,
      ...(signal && { signal }),
    }),

  /** One more name for it; one that another image had goes over. */
  tag: (image: string, repo: string, tag: string) =>
    api.json<void>({ method: 'POST', path: `/images/${encodeURIComponent(image)}/tag`, query: { repo, tag } }),

  /** Layers that the registry has are not sent again. Gives the digest under which it is kept there. */
  async push(repository: string, tag: string, auth: RegistryAuth, signal?: AbortSignal): Promise<string> {
    const stream = await api.stream({
      method: 'POST',
      path: `/images/${repository}/push`,
      query: { tag },
      headers: authHeader(auth),
      withinMs: patienceMs,
      ...(signal && { signal }),
    })
    return await digestIn(stream)
  },
})

type Line = { readonly error?: unknown; readonly status?: unknown; readonly aux?: { readonly Digest?: unknown } }

/** The Engine says 200 before it begins; what went wrong, and what came of it, are lines. */
async function digestIn(stream: IncomingMessage): Promise<string> {
  let digest = ''
  for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    const { error, aux } = JSON.parse(text) as Line
    if (error !== undefined) throw new EngineError(500, String(error))
    if (typeof aux?.Digest === 'string') digest = aux.Digest
  }
  if (!digest) throw new EngineError(500, 'the push ended without saying what was pushed')
  return digest
}
