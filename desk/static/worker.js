// Shows nothing by itself: it lets phones show the desk's notice, and brings the desk to the front when it is tapped.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    clients.matchAll({ type: "window", includeUncontrolled: true }).then((pages) => {
      const desk = pages.find((page) => "focus" in page);
      return desk ? desk.focus() : clients.openWindow("/");
    }),
  );
});
