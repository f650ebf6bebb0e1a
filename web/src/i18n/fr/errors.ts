// SPDX-License-Identifier: EUPL-1.2
// One sentence or two for each code: what happened, and what to do. A name with a place before it
// ("signIn.M_FORBIDDEN") is what the code means there.

export const errors = {
  'error.OFFLINE': 'Le serveur ne répond pas. Vérifiez votre connexion, puis réessayez.',
  'error.RUBBISH':
    'Le serveur a donné une réponse illisible. Réessayez dans quelques minutes ; si cela dure, prévenez l’assistance.',
  'error.UNEXPECTED':
    'Un imprévu a arrêté cette action. Réessayez ; si cela se reproduit, prévenez l’assistance.',
  'error.KEEPS_NOTES':
    'Ce navigateur ne peut pas retirer de cette image ce que l’appareil y a écrit, comme le lieu de la prise de vue. Elle n’est pas partie.',
  'error.STORAGE':
    'Votre navigateur n’a plus de place pour la messagerie. Libérez de l’espace, puis rechargez la page.',
  'error.NO_MICROPHONE':
    'Le micro n’est pas disponible : branchez-en un, ou autorisez-le dans les réglages du navigateur.',
  'error.BROKEN_FILE':
    'Ce fichier est abîmé : ce n’est pas celui qui a été envoyé. Demandez à son auteur de le renvoyer.',
  'error.UNREADABLE_FILE':
    'Ce fichier ne peut pas être lu sur votre appareil : il a peut-être été déplacé. Choisissez-le à nouveau.',
  'error.IDENTITY_CHANGED':
    'Rien n’est parti : le compte d’une personne de cette conversation est protégé autrement qu’avant. Vérifiez que c’est bien elle, puis recommencez.',
  'error.IDENTITY_REPLACED':
    'Rien n’est parti : cet appareil n’est plus confirmé. Confirmez-le de nouveau, puis recommencez.',
  'error.WRONG_QR': 'Ce code n’est pas celui que votre autre appareil affiche en ce moment. Visez son écran.',
  'error.NO_CAMERA':
    'La caméra n’est pas accessible : il n’y en a pas, ou ce navigateur la refuse. Faites lire votre code par l’autre appareil, ou comparez des images.',
  'error.INVITATION_REFUSED':
    'Ce code d’invitation n’est pas reconnu, ou a déjà servi. Vérifiez-le, ou demandez-en un autre à votre administration.',
  'error.WRONG_CODE': 'Ce code n’est pas le bon. Vérifiez-le, puis saisissez-le de nouveau.',
  'error.M_BAD_ALIAS': 'L’adresse de ce salon n’existe pas. Vérifiez-la.',
  'error.M_BAD_JSON': 'Le serveur n’a pas compris la demande. Rechargez la page, puis réessayez.',
  'error.M_BAD_STATE': 'Cette action n’est plus possible : la situation a changé. Rechargez la page.',
  'error.M_BAD_STATUS':
    'L’application reliée a répondu par une erreur. Réessayez plus tard, ou prévenez l’assistance.',
  'error.M_CONNECTION_FAILED':
    'L’application reliée ne peut pas être jointe. Réessayez plus tard, ou prévenez l’assistance.',
  'error.M_CONNECTION_TIMEOUT': 'L’application reliée n’a pas répondu à temps. Réessayez plus tard.',
  'error.M_UNKNOWN_DEVICE': 'Cet appareil n’existe pas, ou n’existe plus.',
  'error.M_URL_NOT_SET': 'L’application reliée n’a pas d’adresse. Prévenez l’assistance.',
  'error.M_CANNOT_LEAVE_SERVER_NOTICE_ROOM': 'Le salon des annonces du service ne peut pas être quitté.',
  'error.M_DUPLICATE_ANNOTATION': 'Vous avez déjà réagi ainsi à ce message.',
  'error.M_EXCLUSIVE': 'Ce nom est réservé. Choisissez-en un autre.',
  'error.M_FORBIDDEN': 'Vous n’avez pas le droit de faire cela. Adressez-vous à un administrateur du salon.',
  'error.M_GUEST_ACCESS_FORBIDDEN': 'Il faut un compte pour cela. Connectez-vous ou créez un compte.',
  'error.M_INCOMPATIBLE_ROOM_VERSION':
    'Ce salon est d’une version que ce serveur ne connaît pas. Prévenez l’assistance.',
  'error.M_INVALID_PARAM': 'Une information n’est pas valable. Vérifiez ce que vous avez saisi.',
  'error.M_INVALID_ROOM_STATE': 'Ces réglages du salon ne vont pas ensemble. Choisissez-en d’autres.',
  'error.M_INVALID_SIGNATURE':
    'La protection de cet appareil n’a pas pu être établie. Déconnectez-vous, puis reconnectez-vous.',
  'error.M_INVALID_USERNAME':
    'Cet identifiant n’est pas valable : lettres sans accent, chiffres, point et tiret seulement.',
  'error.M_INVITE_BLOCKED': 'Cette personne n’accepte pas les invitations.',
  'error.M_KEY_TOO_LARGE': 'Le nom de cette rubrique du profil est trop long.',
  'error.M_MAX_DELAY_EXCEEDED': 'Ce délai est trop long. Choisissez une date plus proche.',
  'error.M_LIMIT_EXCEEDED': 'Trop de demandes en peu de temps. Attendez un instant, puis réessayez.',
  'error.M_MISSING_PARAM': 'Il manque une information. Vérifiez ce que vous avez saisi.',
  'error.M_MISSING_TOKEN': 'Vous n’êtes plus connecté. Reconnectez-vous.',
  'error.M_NOT_FOUND': 'Introuvable : cela n’existe pas, ou n’existe plus.',
  'error.M_NOT_JSON': 'Le serveur n’a pas compris la demande. Rechargez la page, puis réessayez.',
  'error.M_PROFILE_TOO_LARGE': 'Le profil serait trop volumineux. Raccourcissez, puis réessayez.',
  'error.M_RESOURCE_LIMIT_EXCEEDED': 'Le service a atteint une de ses limites. Prévenez l’assistance.',
  'error.M_ROOM_IN_USE': 'Cette adresse de salon est déjà prise. Choisissez-en une autre.',
  'error.M_SERVER_NOT_TRUSTED': 'Ce serveur n’est pas reconnu. Prévenez l’assistance.',
  'error.M_THREEPID_AUTH_FAILED': 'Le code reçu par courriel n’est pas le bon, ou n’est plus valable.',
  'error.M_THREEPID_DENIED': 'Cette adresse ne peut pas être utilisée ici.',
  'error.M_THREEPID_IN_USE': 'Un compte existe déjà avec cette adresse. Connectez-vous.',
  'error.M_THREEPID_MEDIUM_NOT_SUPPORTED':
    'Les comptes ont une adresse électronique, et pas de numéro de téléphone.',
  'error.M_THREEPID_NOT_FOUND': 'Aucun compte n’a cette adresse.',
  'error.M_TOKEN_INCORRECT': 'Ce n’est pas le bon code. Vérifiez-le, puis réessayez.',
  'error.M_TOO_LARGE': 'C’est trop volumineux pour être envoyé. Raccourcissez, puis réessayez.',
  'error.M_UNABLE_TO_AUTHORISE_JOIN':
    'Le serveur ne peut pas vérifier votre accès à ce salon. Réessayez plus tard.',
  'error.M_UNABLE_TO_GRANT_JOIN': 'Le serveur ne peut pas vous ouvrir ce salon. Réessayez plus tard.',
  'error.M_UNAUTHORIZED': 'Vous n’êtes plus connecté. Reconnectez-vous.',
  'error.M_UNKNOWN': 'Le service a rencontré un problème. Réessayez dans quelques minutes.',
  'error.M_UNKNOWN_POS': 'La synchronisation a été reprise depuis le début. Patientez un instant.',
  'error.M_UNKNOWN_TOKEN': 'Vous n’êtes plus connecté. Reconnectez-vous.',
  'error.M_UNRECOGNIZED': 'Ce service ne sait pas encore faire cela.',
  'error.M_UNSUPPORTED_ROOM_VERSION': 'Cette version de salon n’existe pas ici.',
  'error.M_USER_DEACTIVATED': 'Ce compte a été fermé. Adressez-vous à l’administrateur.',
  'error.M_USER_IN_USE': 'Cet identifiant est déjà pris. Choisissez-en un autre.',
  'error.M_USER_LOCKED': 'Votre compte est bloqué pour le moment. Adressez-vous à l’administrateur.',
  'error.M_USER_SUSPENDED':
    'Votre compte est suspendu : vous pouvez lire, mais pas écrire. Adressez-vous à l’administrateur.',
  'error.M_WEAK_PASSWORD': 'Ce mot de passe est trop facile à deviner. Choisissez-en un plus long.',
  'error.M_WRONG_ROOM_KEYS_VERSION':
    'La sauvegarde de vos messages a changé sur un autre appareil. Rechargez la page.',
  'error.signIn.M_FORBIDDEN': 'Identifiant ou mot de passe incorrect. Vérifiez-les, puis réessayez.',
  'error.signUp.M_FORBIDDEN': 'L’inscription n’est pas ouverte ici. Demandez un compte à l’administrateur.',
  'error.restart.M_FORBIDDEN': 'Ce mot de passe n’est pas le bon. Vérifiez-le, puis réessayez.',
  'error.M_INVALID_EMAIL': 'Ce n’est pas une adresse de courriel. Vérifiez-la.',
  'error.M_NO_VALID_SESSION': 'Cette demande n’est plus valable. Demandez un nouveau code.',
  'error.M_SESSION_EXPIRED':
    'Ce code n’est plus valable : il a expiré, ou trop d’essais l’ont annulé. Demandez-en un autre.',
  'reason.other_server':
    'Cette adresse relève d’un autre service de messagerie. Utilisez celui de votre administration.',
  'reason.invitation_missing':
    'Cette adresse ne peut pas créer de compte sans invitation. Demandez à un agent de vous inviter.',
  'reason.code_wrong': 'Ce n’est pas le bon code. Vérifiez-le, puis réessayez.',
  'reason.password_short': 'Ce mot de passe est trop court. Choisissez-en un plus long.',
  'reason.password_common': 'Ce mot de passe est trop courant. Choisissez une phrase qui vous est propre.',
  'error.signUp.M_UNAUTHORIZED':
    'Votre adresse n’est pas encore confirmée. Saisissez le code reçu par courriel, ou ouvrez son lien.',
  'error.M_INVALID_PEPPER': 'L’annuaire a changé entre-temps. Recommencez la recherche.',
  'error.M_SESSION_NOT_VALIDATED':
    'Votre adresse n’est pas encore confirmée. Saisissez le code reçu par courriel.',
  'reason.name_fixed': 'Votre nom vient de votre adresse professionnelle : il ne peut pas être changé ici.',
  'reason.external_directory': 'L’annuaire n’est pas ouvert aux comptes externes.',
  'reason.external_invite': 'Un compte externe ne peut pas inviter. Demandez à un agent de le faire.',
  'error.ORG_MATRIX_EXPIRED_ACCOUNT': 'Votre compte a expiré : renouvelez-le avec le lien reçu par courriel.',
  'error.M_CONCURRENT_WRITE':
    'Quelqu’un a changé cela en même temps que vous. Rechargez la page, puis réessayez.',
  'reason.access_rule_direct': 'Un message direct se fait entre deux personnes. Créez plutôt un salon.',
  'reason.access_rule_fixed': 'Ce choix a été fait à la création du salon et ne peut plus être changé.',
  'reason.access_rule_forum':
    'Un salon public est réservé aux agents : il ne peut pas être ouvert aux externes.',
  'reason.access_rule_history':
    'Ce salon montre son passé à qui arrive : il ne peut pas être ouvert aux externes. Créez-en un autre.',
  'reason.access_rule_unknown': 'Ce type de salon n’existe pas ici.',
  'reason.code_void':
    'Ce code n’est plus valable : il a expiré, ou trop d’essais l’ont annulé. Demandez-en un autre.',
  'reason.direct_full':
    'Une conversation directe reste entre deux personnes. Créez un salon pour être plus nombreux.',
  'reason.direct_private': 'On entre dans une conversation directe sur invitation seulement.',
  'reason.direct_unnamed': 'Une conversation directe n’a ni nom ni sujet.',
  'reason.encryption_enforced':
    'Ce salon est chiffré : ce message ne l’était pas et n’est pas parti. Rechargez la page, puis renvoyez-le.',
  'reason.encryption_fixed': 'Le chiffrement d’un salon ne se retire pas.',
  'reason.encryption_unknown': 'Ce chiffrement n’est pas admis ici.',
  'reason.external_address':
    'Cette adresse ne fait pas partie de l’administration : elle ne peut pas devenir la vôtre.',
  'reason.external_create_room': 'Un compte externe ne crée pas de salon. Demandez à un agent de le faire.',
  'reason.external_forum': 'Les salons publics sont réservés aux agents.',
  'reason.external_power': 'Une personne externe ne peut pas avoir de rôle dans un salon.',
  'reason.external_restricted_room':
    'Ce salon est réservé aux agents : une personne externe ne peut pas y être invitée tant qu’il n’est pas ouvert aux externes.',
  'reason.external_uninvited': 'Il faut être invité par un agent pour entrer dans ce salon.',
  'reason.forum_public': 'Un salon public reste ouvert à tous les agents.',
  'reason.forum_unencrypted': 'Un salon public n’est pas chiffré : tous les agents peuvent le lire.',
  'reason.forum_unlisted': 'Un salon public figure dans la liste des salons publics.',
  'reason.history_external': 'Un salon ouvert aux externes ne montre pas son passé à qui arrive.',
  'reason.history_fixed':
    'Ce que voient les nouveaux venus a été choisi à la création du salon et ne change pas.',
  'reason.history_unknown': 'Ce réglage de l’historique n’est pas admis ici.',
  'reason.no_sign_up':
    'Personne ne peut créer de compte par courriel ici : cette adresse ne peut pas être invitée.',
  'reason.room_unencrypted': 'Ce salon a été créé sans chiffrement et le reste.',
  'reason.state_fixed': 'Ce qui définit un salon ne peut pas être effacé.',
  'reason.theme_unknown': 'Ce thème n’est pas dans la liste. Choisissez-en un autre.',
  'reason.unencrypted_private': 'Les salons privés sont toujours chiffrés ici.',
  'reason.visibility_fixed': 'Un salon est public dès sa création, ou jamais.',
  'reason.visibility_mismatch': 'Ces réglages du salon ne vont pas ensemble. Choisissez-en d’autres.',
  'error.reset.M_UNAUTHORIZED':
    'Votre adresse n’est pas encore confirmée. Saisissez le code reçu par courriel, ou ouvrez son lien.',
  'error.password.M_FORBIDDEN': 'Ce mot de passe n’est pas le bon. Vérifiez-le, puis réessayez.',
  'reason.last_administrator':
    'Vous êtes le dernier administrateur de ce salon. Nommez-en un autre avant de renoncer à ce rôle.',
  'reason.address_displaced':
    'Votre adresse n’est plus reconnue ici : votre compte est bloqué. Adressez-vous à l’administrateur.',
  'error.M_CANNOT_OVERWRITE_MEDIA': 'Ce fichier a déjà été envoyé.',
  'error.M_NOT_YET_UPLOADED': 'Ce fichier n’est pas encore là. Réessayez dans un instant.',
  'reason.media_quota':
    'Vos fichiers prennent toute la place prévue pour votre compte. Adressez-vous à l’administrateur.',
  'reason.files_away': 'Les fichiers sont momentanément inaccessibles. Réessayez dans un instant.',
  'reason.wrong_offset': 'L’envoi du fichier a été repris ailleurs. Recommencez l’envoi.',
} as const;
