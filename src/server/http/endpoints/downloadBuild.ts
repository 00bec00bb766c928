import { downloadBuild } from '../../../contract/packages.ts'
import { buildName } from '../../../model/build.ts'
import { refuse } from '../../../model/refusal.ts'
import { requirePackage } from '../../store/packages.ts'
import { authorizedApp } from '../authorized.ts'
import { handleImage } from '../handle.ts'
import { wantedBuild } from '../wantedBuild.ts'

export const route = handleImage(downloadBuild, async ({ store, packages }, call) => {
  const { name, build } = await store.read(async (tx) => {
    const app = await authorizedApp(tx, call)
    return { name: app.name, build: await wantedBuild(tx, app, call.params.number) }
  })
  requirePackage(build, 'download')
  const number = buildName(build.number)
  const image = { id: build.id, app: name, image: build.image ?? '' }
  const tar = (await packages.open(image, call.signal)) ?? refuse('IMAGE_GONE', number, number)
  return { tar, name: `${name}-${number}.tar`, bytes: build.image_bytes }
})
