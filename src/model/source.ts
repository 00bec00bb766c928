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
  /** Once more from the source of an earlier build of the app. */
  | { readonly kind: 'build'; readonly number: number }

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
    case 'build':
      return `source of b${source.number}`
  }
}
