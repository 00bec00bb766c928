import { contextTar } from './context.ts'
import { type Rendered, titleOf } from './render.ts'
import type { Source } from './source.ts'
import type { Recipes } from './work.ts'

/** The docker build of a Dockerfile of ours, with the source below `app`. */
export const ofRendered = (source: Source, { dockerfile, files }: Rendered): Recipes => ({
  context: contextTar(source, { folder: 'app', takes: () => true, files: { Dockerfile: dockerfile, ...files } }),
  dockerfile: 'Dockerfile',
  title: titleOf,
})
