import { z } from 'zod'

/** What GitHub says of a repository, and Gitea after it. */
export const Repository = z.object({
  full_name: z.string(),
  clone_url: z.string(),
  ssh_url: z.string(),
  html_url: z.string(),
  default_branch: z.string().optional(),
})

export const urlsOf = ({ clone_url, ssh_url, html_url }: z.infer<typeof Repository>) => [clone_url, ssh_url, html_url]
