import type { HookProvider } from '../../model/hook.ts'
import { repositoryUrl } from '../../model/repository.ts'
import { providers } from './providers/all.ts'

/** Where the provider's API usually is, for a repository at that URL. */
export const apiUrlOf = (provider: HookProvider, source: string): string =>
  providers[provider].apiUrl(repositoryUrl(source).url.host)

/** Of those that everybody uses: no source can lead a token elsewhere. */
const everybodys = ['https://api.github.com', 'https://gitlab.com', 'https://api.bitbucket.org/2.0']

/**
 * Where a hook's token may go: to what was known when it was made, for whoever changes the source later is not to get the
 * token sent to a host of his. Older hooks have nothing noted; theirs goes to everybody's providers only.
 */
export function trustedApiUrl(noted: string | null, provider: HookProvider, source: string | null) {
  if (noted !== null) return noted
  const usual = source === null ? '' : apiUrlOf(provider, source)
  return everybodys.includes(usual) ? usual : undefined
}
