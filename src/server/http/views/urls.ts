import { defaultHost } from '../../store/apps.ts'
import type { Settings } from '../context.ts'

const portPart = (port: number) => (port === 80 ? '' : `:${port}`)

export const appUrl = (app: string, { domain, httpPort }: Settings) =>
  `http://${defaultHost(app, domain)}${portPart(httpPort)}`

export const gitUrls = (app: string, { domain, httpPort, sshPort }: Settings) => ({
  ssh: `ssh://git@${domain}${sshPort === 22 ? '' : `:${sshPort}`}/${app}.git`,
  http: `http://berth.${domain}${portPart(httpPort)}/${app}.git`,
})
