import type { Place } from './place.ts'

/** A commit of whichever system, as a build's record tells it. */
export type Revision = {
  readonly id: string
  /** First line of its message. */
  readonly message: string
  readonly author: string
  /** Subjects of the commits since the one that was deployed before, newest first. */
  readonly changelog: readonly string[]
}

export type Wish = {
  /** The newest that `newest` has found, or the one that is wanted. */
  readonly id: string
  /** Deployed before: what the changes are told against. */
  readonly since?: string | undefined
  /** The folder that is built; empty for all. */
  readonly folder: string
}

export type Found = Revision & { readonly warnings: readonly string[] }

/** One version control system, by its own client. */
export type Vcs = {
  /** Which revision the repository's ref has now, without fetching it. */
  newest(place: Place): Promise<string>
  /** Brings the revision into the cache, and says what it is. */
  bring(place: Place, wish: Wish): Promise<Revision>
  /** Paths that changed from one revision in the cache to another; nothing when that cannot be told. */
  changed(place: Place, from: string, to: string): Promise<readonly string[] | undefined>
  /** Writes the files of a revision in the cache as <folder>/source.tar, checked as those of a push are. */
  write(place: Place, wish: Wish, folder: string): Promise<readonly string[]>
}

/** An id that came from a client goes to a client again only if it looks like one. */
export const looksLikeId = (id: string) => /^[0-9a-f]{12,64}$|^\d{1,10}(\.\d{1,10}){0,4}$/.test(id)
