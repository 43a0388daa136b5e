/** Resolves when the tab is visible. A hidden tab reads nothing: on AWS, reading costs money. */
export async function visible(): Promise<void> {
  while (document.hidden) {
    await new Promise((resolve) => {
      document.addEventListener('visibilitychange', resolve, { once: true });
    });
  }
}
