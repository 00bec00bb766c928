import { EngineError } from '../../engine/api.ts'
import type { Engine } from '../../engine/engine.ts'
import { labels } from '../../model/instance.ts'

/** On an image that was built by metadata: `<tree or repository> <interpreter> <version> <mark of its packages>`. */
export const metadataLabel = 'berth.metadata'

/** The package that a build by metadata begins with. */
export type PackageBefore = {
  readonly tag: string
  readonly layers: number
  readonly origin: string
  readonly interpreter: string
  readonly version: string
  readonly packages: string
  /** What it was made on, once. */
  readonly stack?: { readonly name: string; readonly id: string }
}

type Inspected = {
  readonly RepoTags: readonly string[] | null
  readonly Config: { readonly Labels: Readonly<Record<string, string>> | null }
  readonly RootFS: { readonly Layers: readonly string[] | null }
}

/** Nothing where the image is gone, or was not built by metadata. */
export async function packageBefore({ api }: Engine, image: string | undefined): Promise<PackageBefore | undefined> {
  if (!image) return undefined
  const found = await api
    .json<Inspected>({ path: `/images/${encodeURIComponent(image)}/json` })
    .catch((error: unknown) => unlessMissing(error))
  const [tag] = found?.RepoTags ?? []
  const [origin, interpreter, version, packages] = found?.Config.Labels?.[metadataLabel]?.split(' ') ?? []
  if (!found || !tag || !origin || !interpreter || !version || !packages) return undefined
  const [name, id] = found.Config.Labels?.[labels.stack]?.split(' ') ?? []
  const stack = name && id ? { stack: { name, id } } : {}
  return { tag, layers: found.RootFS.Layers?.length ?? 0, origin, interpreter, version, packages, ...stack }
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof EngineError && error.status === 404)) throw error
}
