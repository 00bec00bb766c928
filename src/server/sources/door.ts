import type { RepositoryUrl } from '../../model/repository.ts'
import { newDeployKey } from './deployKey.ts'
import { mayReach, proxyOf, type SourceSettings } from './place.ts'
import { forgetRepository } from './repository.ts'

/** What the API needs of repositories elsewhere. */
export const sourceDoor = (settings: SourceSettings) => ({
  mayFetch: (url: RepositoryUrl) => mayReach(url, settings, proxyOf(settings, url)),
  newKey: newDeployKey,
  forget: (appId: string) => forgetRepository(settings, appId),
})
