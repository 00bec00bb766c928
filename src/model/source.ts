import type { RepositoryKind } from './repository.ts'

/** Where the code of a deploy comes from. That of a push or an upload is on disk before the deploy is queued. */
export type Source =
  | { readonly kind: 'git' }
  | { readonly kind: 'upload'; readonly fresh?: boolean }
  /** The app's metadata, which say how to fetch the code; the build does it. */
  | { readonly kind: 'metadata'; readonly fresh?: boolean }
  | {
      readonly kind: 'repository'
      readonly url: string
      /** Branch, tag or commit; null is the repository's own default. */
      readonly ref: string | null
      readonly vcs: RepositoryKind
    }
  /** From a registry, or as a file beside the source: then `image` says what that is. */
  | { readonly kind: 'image'; readonly image: string; readonly uploaded?: boolean }
  /** The image that a release of an app runs, as it is. */
  | { readonly kind: 'release'; readonly app: string; readonly appId: string; readonly number: number }
  /** A branch or a commit of what was pushed to another app: of a preview, the one that it is a preview of. */
  | { readonly kind: 'branch'; readonly app: string; readonly ref: string }
  /** Once more from the source of an earlier build of the app; from `origin` where that is no longer kept. */
  | { readonly kind: 'build'; readonly number: number; readonly fresh?: boolean; readonly origin?: Origin }

/** Where one revision can be had again. */
export type Origin = Extract<Source, { kind: 'repository' | 'branch' }>

/** Where the code of a build came from, at exactly its revision; nothing where only the files themselves are known. */
export function originOf(source: Source, revision: string | null, app: string): Origin | undefined {
  if (source.kind === 'build') return source.origin
  if (revision === null) return undefined
  if (source.kind === 'git') return { kind: 'branch', app, ref: revision }
  return source.kind === 'repository' || source.kind === 'branch' ? { ...source, ref: revision } : undefined
}

export type SourceKind = Source['kind']

/** For people: where it came from, in a word or two. */
export function sourceText(source: Source): string {
  switch (source.kind) {
    case 'git':
      return 'git push'
    case 'upload':
      return 'upload'
    case 'metadata':
      return "the app's metadata"
    case 'repository':
      return `${source.url}${source.ref === null ? '' : ` ${source.ref}`}`
    case 'image':
      return source.image
    case 'release':
      return `v${source.number} of ${source.app}`
    case 'branch':
      return `${source.ref} of ${source.app}`
    case 'build':
      return `source of b${source.number}`
  }
}
