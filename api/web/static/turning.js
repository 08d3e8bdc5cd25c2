// Turning pages by hand: pressing the edges, and swiping.

const FAR_PX = 56; // a swipe is at least so long,
const SLOPE = 1.8; // so much wider than it is high,
const QUICK_MS = 700; // and no longer than this on its way

export function listenToHands(leaves, rtl, actions) {
  document.getElementById("edge-previous").addEventListener("click", actions.previousPage);
  document.getElementById("edge-next").addEventListener("click", actions.nextPage);
  let begun = null;
  const main = leaves.closest("main");
  main.addEventListener(
    "touchstart",
    ({ touches: [touch, another], timeStamp }) =>
      (begun = another ? null : { x: touch.clientX, y: touch.clientY, at: timeStamp }),
    { passive: true },
  );
  main.addEventListener("touchcancel", () => (begun = null), { passive: true });
  main.addEventListener(
    "touchend",
    ({ changedTouches: [touch], timeStamp }) => {
      const from = begun;
      begun = null;
      if (!from || leaves.hidden || timeStamp - from.at > QUICK_MS || !getSelection().isCollapsed) return;
      const across = touch.clientX - from.x;
      if (Math.abs(across) < FAR_PX || Math.abs(across) < SLOPE * Math.abs(touch.clientY - from.y)) return;
      if (across < 0 === !rtl) actions.nextPage();
      else actions.previousPage();
    },
    { passive: true },
  );
}
