import { type Api, EngineError } from './api.ts'

export type Image = {
  readonly id: string
  readonly tags: readonly string[]
  readonly bytes: number
  readonly created: number
}

/** Many layers on a slow disk. */
const removalMs = 5 * 60 * 1000

export const images = (api: Api) => ({
  /** Those that carry all of the labels. */
  async list(...label: string[]): Promise<Image[]> {
    const found = await api.json<{ Id: string; RepoTags: string[] | null; Size: number; Created: number }[]>({
      path: '/images/json',
      query: { filters: { label } },
    })
    return found.map(({ Id, RepoTags, Size, Created }) => ({
      id: Id,
      tags: RepoTags ?? [],
      bytes: Size,
      created: Created,
    }))
  },

  async exists(reference: string): Promise<boolean> {
    try {
      await api.json({ path: `/images/${encodeURIComponent(reference)}/json` })
      return true
    } catch (error) {
      if (error instanceof EngineError && error.status === 404) return false
      throw error
    }
  },

  /** Those that a name of this repository stands for. */
  async named(repository: string): Promise<{ id: string; tags: readonly string[] }[]> {
    const found = await api.json<{ Id: string; RepoTags: string[] | null }[]>({
      path: '/images/json',
      query: { filters: { reference: [repository] } },
    })
    return found.map(({ Id, RepoTags }) => ({ id: Id, tags: RepoTags ?? [] }))
  },

  /** Undefined where there is no such image. */
  async inspect(reference: string): Promise<{ id: string; createdAt: string; bytes: number } | undefined> {
    try {
      const { Id, Created, Size } = await api.json<{ Id: string; Created: string; Size: number }>({
        path: `/images/${encodeURIComponent(reference)}/json`,
      })
      return { id: Id, createdAt: Created, bytes: Size }
    } catch (error) {
      if (error instanceof EngineError && error.status === 404) return undefined
      throw error
    }
  },

  /** Its size; nothing where there is no such image. */
  async bytes(reference: string): Promise<number | null> {
    try {
      return (await api.json<{ Size: number }>({ path: `/images/${encodeURIComponent(reference)}/json` })).Size
    } catch (error) {
      if (error instanceof EngineError && error.status === 404) return null
      throw error
    }
  },

  /** Never forced: an image that a container uses stays, and so does one that is gone already. */
  async remove(reference: string): Promise<boolean> {
    try {
      await api.json({ method: 'DELETE', path: `/images/${encodeURIComponent(reference)}`, withinMs: removalMs })
      return true
    } catch (error) {
      if (error instanceof EngineError && (error.status === 404 || error.status === 409)) return false
      throw error
    }
  },
})
