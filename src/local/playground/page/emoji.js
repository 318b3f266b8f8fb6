// Common emoji by their short names; unknown names stay as they were written.

const KNOWN = Object.fromEntries(`
eyes👀 hourglass⌛ hourglass_flowing_sand⏳ white_check_mark✅ heavy_check_mark✔️ x❌ rewind⏪ warning⚠️ lock🔒 unlock🔓
closed_lock_with_key🔐 key🔑 mag🔍 mag_right🔎 bell🔔 no_entry⛔ no_entry_sign🚫 octagonal_sign🛑 stop_sign🛑 rotating_light🚨
information_source ℹ️ bulb💡 tada🎉 rocket🚀 fire🔥 shield🛡️ robot_face🤖 gear⚙️ wrench🔧 hammer_and_wrench🛠️ package📦
memo📝 clipboard📋 page_facing_up📄 scroll📜 link🔗 paperclip📎 pushpin📌 chart_with_upwards_trend📈
chart_with_downwards_trend📉 bar_chart📊 clock1🕐 stopwatch⏱️ alarm_clock⏰ calendar📅 thumbsup👍 +1👍 thumbsdown👎 -1👎
wave👋 pray🙏 clap👏 point_right👉 point_up☝️ heart❤️ smile😄 slightly_smiling_face🙂 thinking_face🤔 sob😭 sweat_smile😅
question❓ grey_question❔ exclamation❗ heavy_exclamation_mark❗ heavy_plus_sign➕ heavy_minus_sign➖ arrow_right➡️
arrow_left⬅️ arrow_up⬆️ arrow_down⬇️ arrow_forward▶️ fast_forward⏩ leftwards_arrow_with_hook↩️ repeat🔁
arrows_counterclockwise🔄 large_green_circle🟢 large_yellow_circle🟡 large_orange_circle🟠 red_circle🔴 large_blue_circle🔵
white_circle⚪ black_circle⚫ green_heart💚 star⭐ sparkles✨ zap⚡ construction🚧 test_tube🧪 microscope🔬 ghost👻 skull💀
bird🐦 hatching_chick🐣 baby_chick🐤 camera📷 floppy_disk💾 wastebasket🗑️ scissors✂️ hand✋ raised_hand✋ busts_in_silhouette👥
bust_in_silhouette👤 office🏢 globe_with_meridians🌐 cloud☁️ snowflake❄️ ballot_box_with_check☑️ white_large_square⬜
black_square_for_stop⏹️ double_vertical_bar⏸️ pause_button⏸️ inbox_tray📥 outbox_tray📤 speech_balloon💬 mute🔇 loudspeaker📢
`.replace("information_source ℹ️", "information_sourceℹ️").trim().split(/\s+/).map((one) => {
  const end = one.search(/[^a-z0-9_+-]/);
  // Names of digits and signs end where the picture begins.
  return [one.slice(0, end), one.slice(end)];
}));

export const emoji = (name) => KNOWN[name] ?? KNOWN[name?.split("::")[0]];
