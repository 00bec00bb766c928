import type { HookProvider } from '../../../model/hook.ts'
import { bitbucket } from './bitbucket.ts'
import { gitea } from './gitea.ts'
import { github } from './github.ts'
import { gitlab } from './gitlab.ts'
import type { Provider } from './provider.ts'

export const providers: Readonly<Record<HookProvider, Provider>> = { github, gitlab, gitea, bitbucket }
