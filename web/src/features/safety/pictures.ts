// SPDX-License-Identifier: EUPL-1.2
// What each picture of a comparison is called, in the order of the specification's table: two people on
// the telephone must use the same word.

const TABLE = `🐶 Chien|Dog
🐱 Chat|Cat
🦁 Lion|Lion
🐎 Cheval|Horse
🦄 Licorne|Unicorn
🐷 Cochon|Pig
🐘 Éléphant|Elephant
🐰 Lapin|Rabbit
🐼 Panda|Panda
🐓 Coq|Rooster
🐧 Manchot|Penguin
🐢 Tortue|Turtle
🐟 Poisson|Fish
🐙 Poulpe|Octopus
🦋 Papillon|Butterfly
🌷 Fleur|Flower
🌳 Arbre|Tree
🌵 Cactus|Cactus
🍄 Champignon|Mushroom
🌏 Globe|Globe
🌙 Lune|Moon
☁️ Nuage|Cloud
🔥 Feu|Fire
🍌 Banane|Banana
🍎 Pomme|Apple
🍓 Fraise|Strawberry
🌽 Maïs|Corn
🍕 Pizza|Pizza
🎂 Gâteau|Cake
❤️ Cœur|Heart
😀 Sourire|Smiley
🤖 Robot|Robot
🎩 Chapeau|Hat
👓 Lunettes|Glasses
🔧 Outil|Spanner
🎅 Père Noël|Santa
👍 Pouce levé|Thumbs Up
☂️ Parapluie|Umbrella
⌛ Sablier|Hourglass
⏰ Réveil|Clock
🎁 Cadeau|Gift
💡 Ampoule|Light Bulb
📕 Livre|Book
✏️ Crayon|Pencil
📎 Trombone|Paperclip
✂️ Ciseaux|Scissors
🔒 Cadenas|Lock
🔑 Clé|Key
🔨 Marteau|Hammer
☎️ Téléphone|Telephone
🏁 Drapeau|Flag
🚂 Train|Train
🚲 Vélo|Bicycle
✈️ Avion|Aeroplane
🚀 Fusée|Rocket
🏆 Trophée|Trophy
⚽ Ballon|Ball
🎸 Guitare|Guitar
🎺 Trompette|Trumpet
🔔 Cloche|Bell
⚓ Ancre|Anchor
🎧 Casque audio|Headphones
📁 Dossier|Folder
📌 Punaise|Pin`;

const bare = (picture: string): string => picture.replaceAll('\ufe0f', '');

const NAMES = new Map(
  TABLE.split('\n').map((line) => {
    const space = line.indexOf(' ');
    const [fr = '', en = ''] = line.slice(space + 1).split('|');
    return [bare(line.slice(0, space)), { fr, en }] as const;
  }),
);

export const PICTURES = [...NAMES.keys()];

export function pictureName(picture: string, language: 'fr' | 'en'): string {
  return NAMES.get(bare(picture))?.[language] ?? picture;
}
