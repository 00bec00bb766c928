import type { Readable } from 'node:stream'

/** What is kept: an image of a build, by its id, and the name that it has on this machine. */
export type PackageImage = {
  readonly app: string
  readonly image: string
  readonly repository: string
  readonly tag: string
}

export type Put = {
  readonly reference: string
  readonly signal: AbortSignal
  /** What an earlier one has marked, and not ended. */
  readonly left: string | null
  /** What is to be cleared away if this one never ends; kept before anything depends on it. */
  readonly mark: (mark: string) => Promise<void>
}

export type Kept = { readonly digest: string | null; readonly bytes: number | null }

/** A package as the store knows it. */
export type Stored = {
  readonly reference: string
  readonly digest: string | null
  readonly mark: string | null
}

/**
 * A place for images besides the Engine, a file for each. All but `reference` throw UNAVAILABLE, with a reason
 * that tells whoever runs this machine what to do. Calls for one reference come one after another.
 */
export type Storage = {
  /** In words, for people and for rows: another place has another text. */
  readonly place: string
  /** What the package of an image is called there; the same image of the same app has the same. */
  reference(image: PackageImage): string
  /** May be done again, whatever an earlier one has left. */
  put(image: PackageImage, put: Put): Promise<Kept>
  /** The image is on this machine again, under its name. */
  get(image: PackageImage, stored: Stored, signal: AbortSignal): Promise<void>
  /** Gone already is fine. */
  remove(stored: Stored): Promise<void>
  /** Whether packages could be put there now. */
  check(): Promise<void>
  /** The image as a tar file, where the storage can give it without the Engine. */
  read?(stored: Pick<Stored, 'reference'>, signal: AbortSignal): Readable
  /** Called now and then. */
  tidy?(signal: AbortSignal): Promise<void>
}
