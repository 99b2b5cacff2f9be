/** Made by scripts/emoji.mjs when the page is built. */
declare module "virtual:emoji" {
  const lines: string;
  export default lines;
}
